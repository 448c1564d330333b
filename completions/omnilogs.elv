
set edit:completion:arg-completer[omnilogs] = { |@words|
    var index = (count $words)
    set index = (- $index 1)

    put (env _CLAP_IFS="\n" _CLAP_COMPLETE_INDEX=(to-string $index) OMNILOGS_COMPLETE="elvish" omnilogs -- $@words) | to-lines
}

