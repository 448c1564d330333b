use super::*;

fn explain(words: &[&str], format: FormatName) -> (String, Result<(), Failure>) {
    let args = ExplainArgs {
        codes: words.iter().map(|&word| word.to_owned()).collect(),
        list: words.is_empty(),
        ..ExplainArgs::default()
    };
    let style = ExplainStyle { format, width: Some(80), colour: false, indent: false };
    let mut out = Vec::new();
    let result = super::explain(&args, None, style, &mut out);
    (String::from_utf8(out).unwrap(), result)
}

#[test]
fn an_id_of_a_status_and_an_error_explains_both() {
    let (text, result) = explain(&["5"], FormatName::Table);
    assert_eq!(result, Ok(()));
    assert!(text.starts_with("DELIVERED_TO_HANDSET  status 5, group DELIVERED, final\n"), "{text}");
    assert!(
        text.contains(
            "\n\nEC_UNIDENTIFIED_SUBSCRIBER  error 5, group HANDSET_ERRORS, not permanent\n"
        ),
        "{text}"
    );
}

#[test]
fn a_group_names_its_members() {
    let (text, _) = explain(&["pending"], FormatName::Table);
    assert!(text.contains("PENDING_WAITING_DELIVERY, PENDING_ENROUTE, PENDING_ACCEPTED"), "{text}");
}

#[test]
fn a_near_miss_is_suggested_and_what_is_known_is_explained_all_the_same() {
    let (text, result) = explain(&["7", "EC_ABSENT_SUBSCRIBR"], FormatName::Table);
    assert!(text.contains("PENDING_ENROUTE"), "{text}");
    let failure = result.unwrap_err();
    assert_eq!(failure.kind.code(), 2);
    assert_eq!(failure.message, "no status or error is known as \"EC_ABSENT_SUBSCRIBR\"");
    assert!(failure.hints[0].starts_with("omnilogs explain EC_ABSENT_SUBSCRIBER"), "{failure:?}");
}

#[test]
fn a_part_of_a_name_and_a_name_without_its_prefix_are_near() {
    assert_eq!(suggestions("flooding").len(), 3);
    assert_eq!(suggestions("absent subscriber sm")[0], "EC_ABSENT_SUBSCRIBER_SM");
    assert_eq!(suggestions("deliverd_to_handset"), ["DELIVERED_TO_HANDSET"]);
    assert_eq!(suggestions("EC_ABSNT")[0], "EC_ABSENT_SUBSCRIBER");
    assert_eq!(suggestions("quux"), [""; 0]);
}

#[test]
fn an_unknown_id_prints_nothing_and_is_reported_without_a_guess() {
    let (text, result) = explain(&["8765"], FormatName::Json);
    assert_eq!(text, "");
    let failure = result.unwrap_err();
    assert_eq!(failure.message, "no status or error is known as \"8765\"");
    assert!(failure.hints.iter().any(|hint| hint.contains("--list")));
}

#[test]
fn what_may_be_a_phone_number_is_not_repeated() {
    let (_, result) = explain(&["41793026727"], FormatName::Table);
    assert_eq!(
        result.unwrap_err().message,
        "no status or error is known as the given text (not shown, since it may be a phone number)"
    );
}

#[test]
fn every_code_is_listed_and_fits_eighty_columns() {
    let (text, _) = explain(&[], FormatName::Table);
    for code in codes::all() {
        assert!(text.contains(code.name()), "{}", code.name());
    }
    assert_eq!(text.lines().find(|line| line.chars().count() > 80), None);
    for word in codes::all().map(Code::name) {
        let (text, _) = explain(&[word], FormatName::Table);
        assert_eq!(text.lines().find(|line| line.chars().count() > 80), None);
    }
}

#[test]
fn data_formats_hold_the_same_codes() {
    let (json, _) = explain(&["DELIVERED_TO_OPERATOR", "EC_TIME_OUT", "OK"], FormatName::Json);
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["results"][0]["final"], false);
    assert_eq!(json["results"][1]["permanent"], false);
    assert_eq!(json["results"][2]["members"][0], "NO_ERROR");
    let (lines, _) = explain(&["DELIVERED_TO_OPERATOR", "EC_TIME_OUT", "OK"], FormatName::Jsonl);
    let lines: Vec<serde_json::Value> =
        lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(json["results"].as_array(), Some(&lines));
    let (csv, _) = explain(&["DELIVERED_TO_OPERATOR", "EC_TIME_OUT", "OK"], FormatName::Csv);
    let mut csv = csv::Reader::from_reader(csv.as_bytes());
    let rows: Vec<csv::StringRecord> = csv.records().map(Result::unwrap).collect();
    let names: Vec<&str> = rows.iter().map(|row| &row[2]).collect();
    assert_eq!(names, ["DELIVERED_TO_OPERATOR", "EC_TIME_OUT", "OK"]);
    assert_eq!((&rows[0][4], &rows[1][5]), ("false", "false"));
}

#[test]
fn a_code_of_another_family_names_its_family_and_its_group() {
    let (text, result) = explain(&["ec_spam_detected", "EC_BLOCKED_BY_DLT"], FormatName::Table);
    assert_eq!(result, Ok(()));
    assert!(
        text.starts_with("EC_SPAM_DETECTED  error 6002, email, group DROPPED, permanent\n"),
        "{text}"
    );
    assert!(text.contains("error.description"), "{text}");
    assert!(text.contains("\nEC_BLOCKED_BY_DLT  error 4106, dlt\n"), "{text}");
    let (json, _) = explain(&["EC_BLOCKED_BY_DLT"], FormatName::Jsonl);
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!((&json["family"], json["permanent"].is_null()), (&"dlt".into(), true));
}

#[test]
fn an_id_is_explained_for_every_family_that_has_it() {
    let (text, _) = explain(&["87"], FormatName::Csv);
    let mut csv = csv::Reader::from_reader(text.as_bytes());
    let names: Vec<String> = csv.records().map(|row| row.unwrap()[2].to_owned()).collect();
    assert_eq!(
        names,
        ["SIGNALS_BLOCKED", "SIGNALS_BLOCKED", "REJECTED_INVALID_DELIVERY_TIME_WINDOW"]
    );
}

#[test]
fn colour_is_used_only_where_it_may_be() {
    let args = ExplainArgs { codes: vec!["9".into()], ..ExplainArgs::default() };
    let style =
        ExplainStyle { format: FormatName::Table, width: None, colour: true, indent: false };
    let mut out = Vec::new();
    super::explain(&args, None, style, &mut out).unwrap();
    assert!(out.contains(&0x1b));
    assert!(!explain(&["9"], FormatName::Table).0.contains('\u{1b}'));
}
