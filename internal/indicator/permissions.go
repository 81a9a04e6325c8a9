package indicator

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/mde-as-code/terraform-provider-mde/internal/mde"
	"github.com/mde-as-code/terraform-provider-mde/internal/tfdiag"
)

// permissions are the application permissions of which every operation on
// indicators needs one.
func permissions() []string { return mde.IndicatorPermissions() }

// operation names what is attempted with the indicator of that value, or id.
func operation(verb, name string) tfdiag.Operation {
	return tfdiag.Operation{Verb: verb, Object: "indicator", Name: name, Permissions: permissions()}
}

// permitted tells what the access token does not let the apply do, or show.
func permitted(ctx context.Context, client *mde.Client, op tfdiag.Operation) diag.Diagnostics {
	return append(tfdiag.Permitted(ctx, client, op), sight(ctx, client)...)
}

// sight warns, once, of a token that shows the application's own records only:
// what others keep in the tenant can then be neither seen nor guarded.
func sight(ctx context.Context, client *mde.Client) diag.Diagnostics {
	identity, err := client.SignIn(ctx)
	if err != nil || !identity.OwnIndicatorsOnly() || !client.First("own indicators only") {
		return nil
	}
	return diag.Diagnostics{diag.NewWarningDiagnostic("Only the application's own indicators are visible",
		"The access token holds Ti.ReadWrite, with which the service shows only the indicators that this application has created. Records of others, in the portal or of other applications, are neither found nor guarded against; a write may take one over. "+
			"To see them all, give the application Ti.ReadWrite.All and grant admin consent.")}
}
