"""What people write: case studies, guidance and lists, read and checked by one way in. Enters no other room."""
