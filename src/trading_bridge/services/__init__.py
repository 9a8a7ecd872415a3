"""What people may do: a module per entity, a function per verb; each takes who asks first."""
