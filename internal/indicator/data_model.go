package indicator

import (
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/mde-as-code/terraform-provider-mde/internal/mde"
	"github.com/mde-as-code/terraform-provider-mde/internal/tfconv"
)

// typeWebCategory is a type that the service returns and does not take.
const typeWebCategory = "WebCategory"

// recordModel is a record as data sources show it: as it is, with the stamps of
// the service.
type recordModel struct {
	ID                   types.String `tfsdk:"id"`
	IndicatorValue       types.String `tfsdk:"indicator_value"`
	IndicatorType        types.String `tfsdk:"indicator_type"`
	Action               types.String `tfsdk:"action"`
	Title                types.String `tfsdk:"title"`
	Description          types.String `tfsdk:"description"`
	Severity             types.String `tfsdk:"severity"`
	Application          types.String `tfsdk:"application"`
	ExpirationTime       types.String `tfsdk:"expiration_time"`
	RecommendedActions   types.String `tfsdk:"recommended_actions"`
	EducateURL           types.String `tfsdk:"educate_url"`
	GenerateAlert        types.Bool   `tfsdk:"generate_alert"`
	RBACGroupNames       types.Set    `tfsdk:"rbac_group_names"`
	CreatedBy            types.String `tfsdk:"created_by"`
	CreatedByDisplayName types.String `tfsdk:"created_by_display_name"`
	CreatedBySource      types.String `tfsdk:"created_by_source"`
	CreationTime         types.String `tfsdk:"creation_time"`
	LastUpdateTime       types.String `tfsdk:"last_update_time"`
	LastUpdatedBy        types.String `tfsdk:"last_updated_by"`
}

// newRecordModel shows a record so that its settings can be passed on to a
// resource: what the service does not have is null, but for the settings that a
// resource must have.
func newRecordModel(record mde.Indicator) recordModel {
	var none types.String
	return recordModel{
		ID:                   types.StringValue(record.ID),
		IndicatorValue:       types.StringValue(record.IndicatorValue),
		IndicatorType:        types.StringValue(record.IndicatorType),
		Action:               types.StringValue(record.Action),
		Title:                types.StringValue(record.Title),
		Description:          types.StringValue(record.Description),
		Severity:             tfconv.String(none, record.Severity),
		Application:          tfconv.String(none, record.Application),
		ExpirationTime:       instantFromAPI(none, record.ExpirationTime),
		RecommendedActions:   tfconv.String(none, record.RecommendedActions),
		EducateURL:           tfconv.String(none, record.EducateURL),
		GenerateAlert:        types.BoolValue(record.GenerateAlert),
		RBACGroupNames:       tfconv.StringSet(types.SetNull(types.StringType), sorted(record.RBACGroupNames)),
		CreatedBy:            tfconv.String(none, record.CreatedBy),
		CreatedByDisplayName: tfconv.String(none, record.CreatedByDisplayName),
		CreatedBySource:      tfconv.String(none, record.CreatedBySource),
		CreationTime:         tfconv.Instant(record.CreationTimeDateTimeUTC),
		LastUpdateTime:       tfconv.Instant(record.LastUpdateTime),
		LastUpdatedBy:        tfconv.String(none, record.LastUpdatedBy),
	}
}

// recordAttributes are the attributes of a record, all of them computed.
func recordAttributes() map[string]schema.Attribute {
	text := func(description string) schema.StringAttribute {
		return schema.StringAttribute{Computed: true, MarkdownDescription: description}
	}
	return map[string]schema.Attribute{
		"id":                      text("The service's id of the record, with which `mde_indicator` can be imported."),
		"indicator_value":         text("What is looked for, in the spelling that the service holds."),
		"indicator_type":          text("What the value is: " + orList(indicatorTypes()) + ", or one that cannot be written, such as `" + typeWebCategory + "`."),
		"action":                  text("What devices do: " + orList(actions()) + ", the last two in old records only."),
		"title":                   text("Title of the indicator and of the alerts that it raises."),
		"description":             text("Why the indicator exists; empty when nobody has said."),
		"severity":                text("Severity of the alerts: " + orList(severities()) + "."),
		"application":             text("Name of what made the indicator, null when it named itself not."),
		"expiration_time":         text("When the service removes the record, RFC 3339 in UTC; null when it never does."),
		"recommended_actions":     text("What the analyst who meets the alert should do, null when nobody has said."),
		"educate_url":             text("Address of the support page in the notice that users see, null when there is none."),
		"generate_alert":          schema.BoolAttribute{Computed: true, MarkdownDescription: "Whether a match raises an alert."},
		"rbac_group_names":        schema.SetAttribute{ElementType: types.StringType, Computed: true, MarkdownDescription: "Device groups that the indicator is for, null when it is for all devices."},
		"created_by":              text("Who created the record: the id of an application, or a user principal name."),
		"created_by_display_name": text("Display name of who created the record."),
		"created_by_source":       text("Where the record was created: `PublicApi`, `Portal` or `TVM`."),
		"creation_time":           text("When the record was created, RFC 3339 in UTC."),
		"last_update_time":        text("When the record was last written, RFC 3339 in UTC."),
		"last_updated_by":         text("Who last updated the record, null when nobody has."),
	}
}
