package machine

import "github.com/mde-as-code/terraform-provider-mde/internal/tfdiag"

// readPermissions are the application permissions of which reading machines
// needs one.
var readPermissions = []string{"Machine.Read.All", "Machine.ReadWrite.All"}

// reading names the look-up of the machine with that id or name.
func reading(name string) tfdiag.Operation {
	return tfdiag.Operation{Verb: "read", Object: "machine", Name: name, Permissions: readPermissions}
}
