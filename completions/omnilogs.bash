# Completion of omnilogs in bash. The program itself finds the candidates.
_omnilogs() {
    local candidate
    COMPREPLY=()
    # Bash splits words at = : and @, too; so the program gets the line as it is typed, and the part
    # of a word that bash replaces.
    while IFS= read -r candidate; do
        COMPREPLY+=("$candidate")
    done < <(OMNILOGS_COMPLETE=bash omnilogs -- "${COMP_LINE:0:COMP_POINT}" "$2" 2>/dev/null)
    # Bash knows the variables.
    if [[ ${#COMPREPLY[@]} -eq 0 && $2 == *'$'* ]]; then
        compopt -o bashdefault 2>/dev/null
    fi
}
# Before bash 4.4, candidates are always sorted.
complete -o nospace -o nosort -F _omnilogs omnilogs 2>/dev/null ||
    complete -o nospace -F _omnilogs omnilogs
