# Filters of jq 1.7 that the interpreter lacks.

# The environment is not visible: a program from another person must not print the API key.
def env: {};

# The exit status of the run is decided elsewhere.
def halt_error($status): halt_error;

def @csv:
  def cell: if isstring then "\"" + (split("\"") | join("\"\"")) + "\""
    elif isnumber or isboolean then tostring
    elif . == null then ""
    else error("\(type) cannot be a CSV cell") end;
  if isarray then map(cell) | join(",") else error("\(type) cannot be a CSV row") end;

def @tsv:
  def replace($from; $to): split($from) | join($to);
  def cell: if isstring then
      replace("\\"; "\\\\") | replace("\t"; "\\t") | replace("\n"; "\\n") | replace("\r"; "\\r")
    elif isnumber or isboolean then tostring
    elif . == null then ""
    else error("\(type) cannot be a TSV cell") end;
  if isarray then map(cell) | join("\t") else error("\(type) cannot be a TSV row") end;

def IN(values): any(values == .; .);
def IN(source; values): any(source == values; .);

def INDEX(rows; key): reduce rows as $row ({}; .[$row | key | tostring] = $row);
def INDEX(key): INDEX(.[]; key);

def ascii:
  if isnumber and . >= 0 and . <= 127 then [.] | implode
  else error("ascii takes a number from 0 to 127") end;

def tostream:
  path(def r: (.[]? | r), .; r) as $path
  | getpath($path)
  | reduce path(.[]?) as $last ([$path, .]; [$path + $last]);

def trimstr($part): ltrimstr($part) | rtrimstr($part);
def utf8bytelength: tobytes | length;
def leaf_paths: paths(scalars);
def toarray: if isarray then . else [.] end;
def have_literal_numbers: true;
def have_decnum: false;
def date: todate;
