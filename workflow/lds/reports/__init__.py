"""From a slice to a page: engines, shells and pages."""
