package main

import (
	"context"
	"math/big"

	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// emptyResource implements resource.Resource.
type emptyResource struct {
	real resource.Resource
}

// Metadata implements resource.Resource.
func (r emptyResource) Metadata(ctx context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	r.real.Metadata(ctx, req, resp)
	resp.ResourceBehavior = resource.ResourceBehavior{}
}

// Schema implements resource.Resource.
func (r emptyResource) Schema(ctx context.Context, req resource.SchemaRequest, resp *resource.SchemaResponse) {
	r.real.Schema(ctx, req, resp)
	resp.Schema = schema.Schema{Attributes: bare(resp.Schema.Attributes)}
}

// bare strips attributes of all but their names and types.
func bare(attributes map[string]schema.Attribute) map[string]schema.Attribute {
	all := map[string]schema.Attribute{}
	for name, attribute := range attributes {
		all[name] = strip(attribute)
	}
	return all
}

func strip(a schema.Attribute) schema.Attribute {
	required, optional, computed, sensitive := a.IsRequired(), a.IsOptional(), a.IsComputed(), a.IsSensitive()
	switch a := a.(type) {
	case schema.StringAttribute:
		return schema.StringAttribute{Required: required, Optional: optional, Computed: computed, Sensitive: sensitive}
	case schema.BoolAttribute:
		return schema.BoolAttribute{Required: required, Optional: optional, Computed: computed, Sensitive: sensitive}
	case schema.Int64Attribute:
		return schema.Int64Attribute{Required: required, Optional: optional, Computed: computed, Sensitive: sensitive}
	case schema.SetAttribute:
		return schema.SetAttribute{ElementType: a.ElementType, Required: required, Optional: optional, Computed: computed, Sensitive: sensitive}
	case schema.MapAttribute:
		return schema.MapAttribute{ElementType: a.ElementType, Required: required, Optional: optional, Computed: computed, Sensitive: sensitive}
	case schema.ListAttribute:
		return schema.ListAttribute{ElementType: a.ElementType, Required: required, Optional: optional, Computed: computed, Sensitive: sensitive}
	case schema.SingleNestedAttribute:
		return schema.SingleNestedAttribute{Attributes: bare(a.Attributes), Required: required, Optional: optional, Computed: computed, Sensitive: sensitive}
	case schema.ListNestedAttribute:
		nested := schema.NestedAttributeObject{Attributes: bare(a.NestedObject.Attributes)}
		return schema.ListNestedAttribute{NestedObject: nested, Required: required, Optional: optional, Computed: computed, Sensitive: sensitive}
	}
	return a
}

// Create implements resource.Resource.
func (emptyResource) Create(_ context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	if err := settle(req.Plan, &resp.State); err != nil {
		resp.Diagnostics.AddError("Could not settle the plan", err.Error())
	}
}

// Read implements resource.Resource: the state stays as it is.
func (emptyResource) Read(context.Context, resource.ReadRequest, *resource.ReadResponse) {}

// Update implements resource.Resource.
func (emptyResource) Update(_ context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	if err := settle(req.Plan, &resp.State); err != nil {
		resp.Diagnostics.AddError("Could not settle the plan", err.Error())
	}
}

// Delete implements resource.Resource.
func (emptyResource) Delete(context.Context, resource.DeleteRequest, *resource.DeleteResponse) {}

// settle makes the plan the state, with something for what is unknown.
func settle(plan tfsdk.Plan, state *tfsdk.State) error {
	attributes := map[string]tftypes.Value{}
	if err := plan.Raw.As(&attributes); err != nil {
		return err
	}
	for name, value := range attributes {
		if !value.IsKnown() {
			attributes[name] = something(value.Type())
		}
	}
	state.Raw = tftypes.NewValue(plan.Raw.Type(), attributes)
	return nil
}

func something(kind tftypes.Type) tftypes.Value {
	switch {
	case kind.Is(tftypes.String):
		return tftypes.NewValue(kind, "computed")
	case kind.Is(tftypes.Bool):
		return tftypes.NewValue(kind, false)
	case kind.Is(tftypes.Number):
		return tftypes.NewValue(kind, new(big.Float))
	}
	return tftypes.NewValue(kind, nil)
}
