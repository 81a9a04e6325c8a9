package liveresponse

import "github.com/mde-as-code/terraform-provider-mde/internal/tfdiag"

// The application permissions of a run. The library is read only for runs that
// pin their files.
const (
	permissionRun     = "Machine.LiveResponse"
	permissionRead    = "Machine.Read.All"
	permissionWrite   = "Machine.ReadWrite.All"
	permissionLibrary = "Library.Manage"
)

const object = "live response run"

func starting(machineID string) tfdiag.Operation {
	return tfdiag.Operation{Verb: "start", Object: object, Name: "on machine " + machineID, Permissions: []string{permissionRun}}
}

func looking(machineID string) tfdiag.Operation {
	return tfdiag.Operation{Verb: "look for an earlier", Object: object, Name: "on machine " + machineID, Permissions: []string{permissionRead, permissionWrite}}
}

func pinning(fileName string) tfdiag.Operation {
	return tfdiag.Operation{Verb: "verify", Object: "library file", Name: fileName, Permissions: []string{permissionLibrary}}
}

func reading(id string) tfdiag.Operation {
	return tfdiag.Operation{Verb: "read", Object: object, Name: id, Permissions: []string{permissionRead, permissionWrite}}
}

func cancelling(id string) tfdiag.Operation {
	return tfdiag.Operation{Verb: "cancel", Object: object, Name: id, Permissions: []string{permissionRun}}
}
