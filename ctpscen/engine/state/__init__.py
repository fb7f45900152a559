"""What a run consists of while it goes on: actors, inboxes, scopes, waits, outcomes, and the journal."""
