"""The replicated log of the Global Data Plane: records with hash pointers, holes and branches."""
