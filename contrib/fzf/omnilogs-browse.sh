# Browses messages with fzf, in bash or zsh. In ~/.bashrc or ~/.zshrc:
#
#   . /path/to/omnilogs-browse.sh
#
#   omnilogs-browse --failed --since 2h     the filters of omnilogs
#   omnilogs-browse --sandbox               without an account
#
# Enter shows the selected message, and Escape ends the browser.

omnilogs-browse() {
    # A message is shown from the same account, without the filters that listed it.
    local account='' is_value='' word
    for word in "$@"; do
        case $is_value$word in
            -p | --profile | --config | --base-url | --seed)
                account="$account $word" is_value='value of ' ;;
            'value of '* | -p?* | --profile=* | --config=* | --base-url=* | --seed=* | --sandbox*)
                account="$account $(printf '%q' "$word")" is_value='' ;;
        esac
    done
    local id
    id=$(omnilogs --quiet --limit 500 "$@" --output tsv --no-header \
        --columns messageId,sentAt,channel,to,result |
        fzf --delimiter '\t' --with-nth 2.. --no-sort --reverse \
            --preview "omnilogs show$account --color always {1}" --preview-window down:60%:wrap |
        cut -f 1)
    [ -z "$id" ] || eval "omnilogs show$account \"\$id\""
}
