"""The language model: as it builds (torch), as it serves (ONNX) and as the page runs it. Enters no other room."""
