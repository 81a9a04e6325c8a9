// Package tfclient hands the configured client, and the guardrails where they
// bind, to resources, data sources and ephemeral resources: Configure is
// written once for each kind. It refuses to build a client; that is the
// provider package's work.
package tfclient

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/ephemeral"
	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/mde-as-code/terraform-provider-mde/internal/guardrail"
	"github.com/mde-as-code/terraform-provider-mde/internal/mde"
)

// Data is what the provider hands to all that it offers.
type Data struct {
	Client     *mde.Client
	Guardrails *guardrail.Rules
	// Pending says that the provider's own configuration refers to values that
	// are yet to be computed: every call of the client says so.
	Pending bool
}

// ForResource is embedded by resources. Client is nil until Configure, which
// Terraform calls after validation. Guardrails may stay nil, and then bind
// nothing.
type ForResource struct {
	Client     *mde.Client
	Guardrails *guardrail.Rules
	pending    bool
}

// Ready tells whether calls can be made. A plan that is made before the
// provider's own configuration is known does without what it would look up.
func (c *ForResource) Ready() bool { return c.Client != nil && !c.pending }

// Configure implements resource.ResourceWithConfigure.
func (c *ForResource) Configure(_ context.Context, req resource.ConfigureRequest, resp *resource.ConfigureResponse) {
	data := take(req.ProviderData, &resp.Diagnostics)
	c.Client, c.Guardrails, c.pending = data.Client, data.Guardrails, data.Pending
}

// Unrefreshed tells a refresh to leave the state as it is, because no call can
// be made yet: a plan that needs none goes through. It warns of that once.
func (c *ForResource) Unrefreshed(diags *diag.Diagnostics) bool {
	if !c.pending {
		return false
	}
	if c.Client.First("unrefreshed") {
		diags.AddWarning("Resources are not refreshed", "The provider's own configuration refers to values that will be known only after other resources are applied. Until then the state is taken as it is.")
	}
	return true
}

// ForDataSource is embedded by data sources.
type ForDataSource struct{ Client *mde.Client }

// Configure implements datasource.DataSourceWithConfigure.
func (c *ForDataSource) Configure(_ context.Context, req datasource.ConfigureRequest, resp *datasource.ConfigureResponse) {
	c.Client = take(req.ProviderData, &resp.Diagnostics).Client
}

// ForEphemeral is embedded by ephemeral resources.
type ForEphemeral struct{ Client *mde.Client }

// Configure implements ephemeral.EphemeralResourceWithConfigure.
func (c *ForEphemeral) Configure(_ context.Context, req ephemeral.ConfigureRequest, resp *ephemeral.ConfigureResponse) {
	c.Client = take(req.ProviderData, &resp.Diagnostics).Client
}

func take(data any, diags *diag.Diagnostics) Data {
	switch data := data.(type) {
	case Data:
		return data
	case nil:
		return Data{} // Terraform validates before it configures.
	}
	diags.AddError("Unexpected provider data", fmt.Sprintf("Got %T instead of the provider's client. This is a bug of the provider; please report it.", data))
	return Data{}
}
