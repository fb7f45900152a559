"""What the words of the language mean: types, verbs, functions, names, and the checked program."""
