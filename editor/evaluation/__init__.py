"""How good fills are: measures, engines side by side over folders of photographs, tables and contact sheets."""
