"""What is being edited: photograph, layers, fill recipes, guidance planes, history. No widgets."""
