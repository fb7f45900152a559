"""What is handed in: the record of the test, the self-assessment, and a page with all points at a glance."""
