package liveresponse

import (
	"github.com/mde-as-code/terraform-provider-mde/internal/mde"
	"github.com/mde-as-code/terraform-provider-mde/internal/tfdiag"
)

const object = "live response run"

func starting(machineID string) tfdiag.Operation {
	return tfdiag.Operation{Verb: "start", Object: object, Name: "on machine " + machineID, Permissions: mde.RunPermissions()}
}

func looking(machineID string) tfdiag.Operation {
	return tfdiag.Operation{Verb: "look for an earlier", Object: object, Name: "on machine " + machineID, Permissions: mde.MachinePermissions()}
}

func pinning(fileName string) tfdiag.Operation {
	return tfdiag.Operation{Verb: "verify", Object: "library file", Name: fileName, Permissions: []string{mde.PermissionLibrary}}
}

func reading(id string) tfdiag.Operation {
	return tfdiag.Operation{Verb: "read", Object: object, Name: id, Permissions: mde.MachinePermissions()}
}

func cancelling(id string) tfdiag.Operation {
	return tfdiag.Operation{Verb: "cancel", Object: object, Name: id, Permissions: mde.RunPermissions()}
}

func fetching(id string) tfdiag.Operation {
	return tfdiag.Operation{Verb: "fetch the result of", Object: object, Name: id, Permissions: mde.MachinePermissions()}
}
