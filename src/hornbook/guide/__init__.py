"""The guide: microgpt in one HTML page, made of js/, css/ and html/. README.md says how a section is written."""
