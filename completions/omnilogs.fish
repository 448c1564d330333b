complete --keep-order --exclusive --command omnilogs --arguments "(COMPLETE=fish omnilogs -- (commandline --current-process --tokenize --cut-at-cursor) (commandline --current-token))"
