package machine

import (
	"github.com/mde-as-code/terraform-provider-mde/internal/mde"
	"github.com/mde-as-code/terraform-provider-mde/internal/tfdiag"
)

// reading names the look-up of the machine with that id or name.
func reading(name string) tfdiag.Operation {
	return tfdiag.Operation{Verb: "read", Object: "machine", Name: name, Permissions: mde.MachinePermissions()}
}

// listing names the look-up of many machines.
func listing() tfdiag.Operation {
	return tfdiag.Operation{Verb: "list", Object: "machines", Permissions: mde.MachinePermissions()}
}

// readingAction names the look-up of a machine action.
func readingAction(id string) tfdiag.Operation {
	return tfdiag.Operation{Verb: "read", Object: "machine action", Name: id, Permissions: mde.MachinePermissions()}
}
