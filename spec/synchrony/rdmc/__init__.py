"""What RDMC promises: of its schedule, and of the group that follows it."""
