# Completion of omnilogs in fish. The program itself finds the candidates.
complete --command omnilogs --no-files --keep-order --arguments '(OMNILOGS_COMPLETE=fish omnilogs -- (commandline --current-process --tokenize --cut-at-cursor) (commandline --current-token --cut-at-cursor) 2>/dev/null)'
