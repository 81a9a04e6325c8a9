package indicator

import (
	"github.com/mde-as-code/terraform-provider-mde/internal/tfdiag"
)

// permissions are the application permissions of which every operation on
// indicators needs one. With the second the service shows the application's
// own records only.
func permissions() []string { return []string{"Ti.ReadWrite.All", "Ti.ReadWrite"} }

// operation names what is attempted with the indicator of that value, or id.
func operation(verb, name string) tfdiag.Operation {
	return tfdiag.Operation{Verb: verb, Object: "indicator", Name: name, Permissions: permissions()}
}
