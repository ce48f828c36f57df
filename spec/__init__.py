"""What must hold: properties and abstract specifications, as executable documentation."""
