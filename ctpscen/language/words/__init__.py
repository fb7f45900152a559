"""The words of the language in all their spellings, and how one spelling is turned into the other."""
