package mde

import "context"

// The application permissions of the API WindowsDefenderATP, by what they are
// good for: a call needs one of a list.

// IndicatorPermissions are for everything about indicators. With the second
// the service shows the application's own records only.
func IndicatorPermissions() []string { return []string{"Ti.ReadWrite.All", "Ti.ReadWrite"} }

// PermissionLibrary is for everything about library files.
const PermissionLibrary = "Library.Manage"

// MachinePermissions are for reading machines and machine actions.
func MachinePermissions() []string { return []string{"Machine.Read.All", "Machine.ReadWrite.All"} }

// RunPermissions are for starting live-response runs.
func RunPermissions() []string { return []string{"Machine.LiveResponse"} }

// CancelPermissions are for cancelling machine actions.
func CancelPermissions() []string {
	return []string{
		"Machine.LiveResponse", "Machine.CollectForensics", "Machine.Isolate", "Machine.RestrictExecution",
		"Machine.Scan", "Machine.Offboard", "Machine.StopAndQuarantine",
	}
}

// permissionsOf returns the permissions for a call by its path: the area, and
// the verb behind an id.
func permissionsOf(path []string) []string {
	verb := ""
	if len(path) == 4 {
		verb = path[3]
	}
	switch area := path[1]; {
	case verb == "runliveresponse":
		return RunPermissions()
	case verb == "cancel":
		return CancelPermissions()
	case area == "indicators":
		return IndicatorPermissions()
	case area == "libraryfiles":
		return []string{PermissionLibrary}
	}
	return MachinePermissions()
}

// permit refuses a call that the token does not permit, before it is made. The
// page of a list that a link leads to has no path, and the first was permitted.
func (c *Client) permit(ctx context.Context, path []string) error {
	identity := c.Identity()
	if !identity.Readable {
		var err error
		if identity, err = c.SignIn(ctx); err != nil {
			return err
		}
	}
	if path == nil {
		return nil
	}
	return identity.Permit(permissionsOf(path))
}
