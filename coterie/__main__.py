"""`python -m coterie`: the command line."""

from coterie.commands.main import main

main()
