package indicator

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework-validators/datasourcevalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"

	"github.com/mde-as-code/terraform-provider-mde/internal/mde"
	"github.com/mde-as-code/terraform-provider-mde/internal/tfclient"
	"github.com/mde-as-code/terraform-provider-mde/internal/tfdiag"
)

var (
	_ datasource.DataSourceWithConfigure        = (*dataSource)(nil)
	_ datasource.DataSourceWithConfigValidators = (*dataSource)(nil)
)

// NewDataSource returns the data source mde_indicator.
func NewDataSource() datasource.DataSource { return &dataSource{} }

type dataSource struct{ tfclient.ForDataSource }

// Metadata implements datasource.DataSource.
func (d *dataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_indicator"
}

// Schema implements datasource.DataSource.
func (d *dataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	attributes := recordAttributes()
	key := func(name, description string, validators ...validator.String) {
		attributes[name] = schema.StringAttribute{
			Optional:            true,
			Computed:            true,
			MarkdownDescription: description,
			Validators:          append(validators, stringvalidator.LengthAtLeast(1)),
		}
	}
	key("id", "The service's id of the record. Give either this, or `indicator_value`, `indicator_type` and `action`.")
	key("indicator_value", "What is looked for. It compares as the service compares it: hashes, domains and hosts without letter case, IPv6 by address.")
	key("indicator_type", "What the value is: "+orList(indicatorTypes())+", or one that cannot be written, such as `"+typeWebCategory+"`.")
	key("action", "What devices do: "+orList(actions())+". Old and new names find each other.", stringvalidator.OneOf(actions()...))
	resp.Schema = schema.Schema{
		MarkdownDescription: "An indicator that the tenant holds, found by its id or by what the service keys it by: value, type and action. It shows who made it and when, which the resource leaves out.\n\n" +
			tfdiag.Needs(permissions()) + "; with the second the service shows this application's own records only.",
		Attributes: attributes,
	}
}

// ConfigValidators implements datasource.DataSourceWithConfigValidators.
func (d *dataSource) ConfigValidators(context.Context) []datasource.ConfigValidator {
	return []datasource.ConfigValidator{
		datasourcevalidator.ExactlyOneOf(path.MatchRoot("id"), path.MatchRoot("indicator_value")),
		datasourcevalidator.RequiredTogether(path.MatchRoot("indicator_value"), path.MatchRoot("indicator_type"), path.MatchRoot("action")),
	}
}

// Read implements datasource.DataSource.
func (d *dataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var config recordModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	if resp.Diagnostics.HasError() {
		return
	}
	record, err := d.find(ctx, config)
	if err != nil {
		resp.Diagnostics.Append(tfdiag.Error(operation("read", config.ID.ValueString()+config.IndicatorValue.ValueString()), err))
		return
	}
	data := newRecordModel(record)
	if !config.IndicatorValue.IsNull() {
		// Terraform wants its own spelling back.
		data.IndicatorValue, data.Action = config.IndicatorValue, config.Action
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, &data)...)
}

// find reads the record. One that this process has written may be known without
// the service's stamps, which the answer to an import lacks: it is read again.
func (d *dataSource) find(ctx context.Context, config recordModel) (mde.Indicator, error) {
	record, err := d.look(ctx, config)
	if err != nil || !record.CreationTimeDateTimeUTC.IsZero() {
		return record, err
	}
	d.Client.Indicators.Fresh()
	return d.look(ctx, config)
}

func (d *dataSource) look(ctx context.Context, config recordModel) (mde.Indicator, error) {
	if id := config.ID.ValueString(); id != "" {
		return d.Client.Indicators.Get(ctx, mde.Lookup{ID: id})
	}
	return findByKey(ctx, d.Client.Indicators, mde.Indicator{
		IndicatorType:  config.IndicatorType.ValueString(),
		IndicatorValue: config.IndicatorValue.ValueString(),
		Action:         config.Action.ValueString(),
	})
}

// findByKey returns the record that has the key of want: of two that differ by
// the old and the new name of the action, the one with the name of want.
func findByKey(ctx context.Context, indicators *mde.Indicators, want mde.Indicator) (mde.Indicator, error) {
	found, err := indicators.Find(ctx, want.IndicatorType, want.IndicatorValue)
	if err != nil {
		return mde.Indicator{}, err
	}
	if record, ok := pick(found, want); ok {
		return record, nil
	}
	// A filter compares exactly; what the tenant holds in yet another letter case
	// the whole list has.
	all, err := indicators.All(ctx)
	if err != nil {
		return mde.Indicator{}, err
	}
	if record, ok := pick(all.Find(want.IndicatorType, want.IndicatorValue), want); ok {
		return record, nil
	}
	return mde.Indicator{}, fmt.Errorf("a record of the type %s with the action %s is %w among the tenant's active indicators", want.IndicatorType, want.Action, mde.ErrNotFound)
}

func pick(records []mde.Indicator, want mde.Indicator) (match mde.Indicator, ok bool) {
	for _, record := range records {
		if record.Key() == want.Key() && (!ok || record.Action == want.Action) {
			match, ok = record, true
		}
	}
	return match, ok
}
