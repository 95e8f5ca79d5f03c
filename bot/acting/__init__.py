"""What is done on the platform for people: proposed, approved, carried out once, recorded."""
