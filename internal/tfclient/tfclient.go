// Package tfclient hands the configured client to resources, data sources and
// ephemeral resources: Configure is written once for each kind. It refuses to
// build a client; that is the provider package's work.
package tfclient

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/ephemeral"
	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/mde-as-code/terraform-provider-mde/internal/mde"
)

// Pending is what the provider hands out while its own configuration refers to
// values that are yet to be computed: a client whose every call says so.
type Pending struct{ Client *mde.Client }

// ForResource is embedded by resources. Client is nil until Configure, which
// Terraform calls after validation.
type ForResource struct {
	Client  *mde.Client
	pending bool
}

// Ready tells whether calls can be made. A plan that is made before the
// provider's own configuration is known does without what it would look up.
func (c *ForResource) Ready() bool { return c.Client != nil && !c.pending }

// Configure implements resource.ResourceWithConfigure.
func (c *ForResource) Configure(_ context.Context, req resource.ConfigureRequest, resp *resource.ConfigureResponse) {
	c.Client = take(req.ProviderData, &resp.Diagnostics)
	_, c.pending = req.ProviderData.(Pending)
}

// ForDataSource is embedded by data sources.
type ForDataSource struct{ Client *mde.Client }

// Configure implements datasource.DataSourceWithConfigure.
func (c *ForDataSource) Configure(_ context.Context, req datasource.ConfigureRequest, resp *datasource.ConfigureResponse) {
	c.Client = take(req.ProviderData, &resp.Diagnostics)
}

// ForEphemeral is embedded by ephemeral resources.
type ForEphemeral struct{ Client *mde.Client }

// Configure implements ephemeral.EphemeralResourceWithConfigure.
func (c *ForEphemeral) Configure(_ context.Context, req ephemeral.ConfigureRequest, resp *ephemeral.ConfigureResponse) {
	c.Client = take(req.ProviderData, &resp.Diagnostics)
}

func take(data any, diags *diag.Diagnostics) *mde.Client {
	switch data := data.(type) {
	case *mde.Client:
		return data
	case Pending:
		return data.Client
	case nil:
		return nil // Terraform validates before it configures.
	}
	diags.AddError("Unexpected provider data", fmt.Sprintf("Got %T instead of the provider's client. This is a bug of the provider; please report it.", data))
	return nil
}
