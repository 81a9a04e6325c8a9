package libraryfile

import (
	"github.com/mde-as-code/terraform-provider-mde/internal/mde"
	"github.com/mde-as-code/terraform-provider-mde/internal/tfdiag"
)

// permission is the application permission that the library's every operation
// needs.
const permission = mde.PermissionLibrary

// operation names what is attempted with the file of that name.
func operation(verb, name string) tfdiag.Operation {
	return tfdiag.Operation{Verb: verb, Object: "library file", Name: name, Permissions: []string{permission}}
}
