"""What a compositing script makes of its sources: the graph, what reaches an output, what that may do."""
