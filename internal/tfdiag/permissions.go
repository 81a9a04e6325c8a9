package tfdiag

import "strings"

// Needs begins the sentence of a description that names the application
// permissions of which one is needed: those that a refusal names, too.
func Needs(permissions []string) string {
	return "Needs the application permission " + Either(permissions)
}

// Either writes permissions in Markdown as "`a` or `b`".
func Either(permissions []string) string {
	return "`" + strings.Join(permissions, "` or `") + "`"
}
