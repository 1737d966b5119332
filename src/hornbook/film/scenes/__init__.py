"""The scenes of the film, a file for each step; hornbook.film.script says in which order."""
