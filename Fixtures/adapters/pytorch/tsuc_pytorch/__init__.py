"""A PyTorch backend for the corpus: reads prompts, computes with torch in float64 or float32, writes responses."""
