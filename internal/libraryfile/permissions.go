package libraryfile

import (
	"github.com/mde-as-code/terraform-provider-mde/internal/mde"
	"github.com/mde-as-code/terraform-provider-mde/internal/tfdiag"
)

// permissions are the application permissions of which every operation on the
// library needs one.
func permissions() []string { return []string{mde.PermissionLibrary} }

// operation names what is attempted with the file of that name.
func operation(verb, name string) tfdiag.Operation {
	return tfdiag.Operation{Verb: verb, Object: "library file", Name: name, Permissions: permissions()}
}
