"""The guide: microgpt in one HTML page, from its sources in js/, css/ and html/. README.md says how a section is written."""
