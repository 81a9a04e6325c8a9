package indicator

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/mde-as-code/terraform-provider-mde/internal/iocfeed"
)

// feedFunction reads a list of indicators into groups for mde_indicator_set.
type feedFunction struct {
	name, summary, description, parameter, parameterDescription string

	read func(text string, overrides iocfeed.Overrides, rules iocfeed.Rules) (iocfeed.Result, error)
}

var _ function.Function = feedFunction{}

// NewCSVFunction is indicators_from_csv.
func NewCSVFunction() function.Function {
	return feedFunction{
		name:    "indicators_from_csv",
		summary: "Groups of indicators from the portal's CSV",
		description: "Reads indicators in the format of the portal's CSV import. The columns are found by their header, whatever its letter case: `IndicatorType`, `IndicatorValue`, `ExpirationTime`, `Action`, `Severity`, `Title`, `Description`, `RecommendedActions`, `RbacGroups` (or `RbacGroupNames`), `Category`, `MitreTechniques` and `GenerateAlert`. " +
			"`Category` and `MitreTechniques` are known and not used, as the sets do not hold them. A byte order mark, line breaks within quotation marks and semicolons in the place of commas are understood, and so are the portal's own words, such as `Allow` or `Block execution`. " +
			"A time without a zone is UTC. A setting that cannot be read, such as an unknown action, is an error that names row and column." + feedDescription("row", "Description"),
		parameter:            "text",
		parameterDescription: "The CSV with its header, such as `file(\"indicators.csv\")`.",
		read:                 iocfeed.CSV,
	}
}

// NewSTIXFunction is indicators_from_stix.
func NewSTIXFunction() function.Function {
	return feedFunction{
		name:    "indicators_from_stix",
		summary: "Groups of indicators from a STIX 2.1 bundle",
		description: "Reads the indicators of a STIX 2.1 bundle. Their patterns may compare hashes of files (MD5, SHA-1, SHA-256), the SHA-1 of a certificate, `ipv4-addr:value`, `ipv6-addr:value`, `domain-name:value` and `url:value` with `=` or `IN`; each alternative of an `OR` is an indicator of its own. " +
			"`name` is the title, `valid_until` the expiration time, and `description` with the labels the note. STIX does not say what devices are to do: `overrides` must name an `action`. " +
			"What is revoked, superseded by a newer version in the bundle, written in another pattern language or not expressible as single values (`AND`, `LIKE`, `WITHIN` …) is skipped. Objects that only give context, such as identities and relationships, are passed over." + feedDescription("object", "description"),
		parameter:            "json",
		parameterDescription: "The bundle, such as `file(\"bundle.json\")`.",
		read:                 iocfeed.STIX,
	}
}

// feedDescription is what both functions say of their result.
func feedDescription(row, note string) string {
	return "\n\nThe result has `groups`, a map for the `for_each` of [`mde_indicator_set`](../resources/indicator_set.md): each holds all settings that a set shares, null where unset (`severity` and `generate_alert` spell their defaults out, old action names become today's), and `indicators`, the map from normalised value to note. The " + note + " of a " + row + " is its note, unless `overrides` replace it. " +
		"Keys are made of the group's own settings, such as `Block/High/2026-12-31/Payroll phishing`; settings that are overridden are left out of the key from the title on. A " + row + " that is added changes no other key. More than 50 groups are an error that names what splits them.\n\n" +
		"`skipped` lists what cannot be an indicator, such as a range of addresses, with the number of its " + row + " and the reason. Of several that give the same value, type and action the last one counts, and the others are listed. No clock is asked: filter groups by their `expiration_time` with `timecmp` and `plantimestamp`."
}

// Metadata implements function.Function.
func (f feedFunction) Metadata(_ context.Context, _ function.MetadataRequest, resp *function.MetadataResponse) {
	resp.Name = f.name
}

// Definition implements function.Function.
func (f feedFunction) Definition(_ context.Context, _ function.DefinitionRequest, resp *function.DefinitionResponse) {
	resp.Definition = function.Definition{
		Summary:             f.summary,
		MarkdownDescription: f.description,
		Parameters: []function.Parameter{
			function.StringParameter{Name: f.parameter, MarkdownDescription: f.parameterDescription},
			function.DynamicParameter{
				Name:           "overrides",
				AllowNullValue: true,
				MarkdownDescription: "An object of settings that take the place of what the list says, before the groups are made: any shared setting of `mde_indicator_set`, such as `{ action = \"Block\", expires_in = \"30d\" }`. " +
					"A setting that is null is left to the list; an empty one clears what the list says. `{}` overrides nothing. `educate_url` goes to the URLs that warn or block, where it has an effect.",
			},
		},
		Return: function.ObjectReturn{AttributeTypes: feedTypes()},
	}
}

// Run implements function.Function.
func (f feedFunction) Run(ctx context.Context, req function.RunRequest, resp *function.RunResponse) {
	var text string
	var given types.Dynamic
	if resp.Error = req.Arguments.Get(ctx, &text, &given); resp.Error != nil {
		return
	}
	overrides, err := readOverrides(given)
	if err != nil {
		resp.Error = function.NewArgumentFuncError(1, "Overrides: "+err.Error()+".")
		return
	}
	result, err := f.read(text, overrides, iocfeed.Rules{TypeOf: inferType, Check: checkValue, ShowsNotice: showsNotice})
	if err != nil {
		resp.Error = function.NewArgumentFuncError(0, asSentence(err))
		return
	}
	resp.Error = resp.Result.Set(ctx, feedValue(result, overrides))
}

func feedTypes() map[string]attr.Type {
	return map[string]attr.Type{
		"groups":  types.MapType{ElemType: types.ObjectType{AttrTypes: groupTypes()}},
		"skipped": types.ListType{ElemType: types.ObjectType{AttrTypes: skipTypes()}},
	}
}

// groupTypes are the shared settings of mde_indicator_set and its indicators.
func groupTypes() map[string]attr.Type {
	return map[string]attr.Type{
		"indicator_type":      types.StringType,
		"action":              types.StringType,
		"title":               types.StringType,
		"description":         types.StringType,
		"severity":            types.StringType,
		"application":         types.StringType,
		"expiration_time":     types.StringType,
		"expires_in":          types.StringType,
		"renew_before":        types.StringType,
		"recommended_actions": types.StringType,
		"educate_url":         types.StringType,
		"generate_alert":      types.BoolType,
		"rbac_group_names":    types.SetType{ElemType: types.StringType},
		"adopt_existing":      types.BoolType,
		"indicators":          types.MapType{ElemType: types.StringType},
	}
}

func skipTypes() map[string]attr.Type {
	return map[string]attr.Type{"row": types.Int64Type, "reason": types.StringType}
}

func feedValue(result iocfeed.Result, overrides iocfeed.Overrides) types.Object {
	groups := make(map[string]attr.Value, len(result.Groups))
	for key, group := range result.Groups {
		groups[key] = groupValue(group, overrides)
	}
	skipped := make([]attr.Value, 0, len(result.Skipped))
	for _, skip := range result.Skipped {
		skipped = append(skipped, types.ObjectValueMust(skipTypes(), map[string]attr.Value{
			"row": types.Int64Value(int64(skip.Row)), "reason": types.StringValue(skip.Reason),
		}))
	}
	return types.ObjectValueMust(feedTypes(), map[string]attr.Value{
		"groups":  types.MapValueMust(types.ObjectType{AttrTypes: groupTypes()}, groups),
		"skipped": types.ListValueMust(types.ObjectType{AttrTypes: skipTypes()}, skipped),
	})
}

func groupValue(group iocfeed.Group, overrides iocfeed.Overrides) attr.Value {
	notes := make(map[string]attr.Value, len(group.Indicators))
	for value, note := range group.Indicators {
		notes[value] = types.StringValue(note)
	}
	return types.ObjectValueMust(groupTypes(), map[string]attr.Value{
		"indicator_type":      orNull(group.IndicatorType),
		"action":              orNull(group.Action),
		"title":               orNull(group.Title),
		"description":         orNull(group.Description),
		"severity":            orNull(group.Severity),
		"application":         orNull(group.Application),
		"expiration_time":     orNull(group.ExpirationTime),
		"expires_in":          orNull(group.ExpiresIn),
		"renew_before":        orNull(group.RenewBefore),
		"recommended_actions": orNull(group.RecommendedActions),
		"educate_url":         orNull(group.EducateURL),
		"generate_alert":      types.BoolValue(group.GenerateAlert),
		"rbac_group_names":    deviceGroups(group.RBACGroupNames()),
		"adopt_existing":      types.BoolPointerValue(overrides.AdoptExisting),
		"indicators":          types.MapValueMust(types.StringType, notes),
	})
}

func orNull(text string) types.String {
	if text == "" {
		return types.StringNull()
	}
	return types.StringValue(text)
}

func deviceGroups(names []string) types.Set {
	if len(names) == 0 {
		return types.SetNull(types.StringType)
	}
	values := make([]attr.Value, 0, len(names))
	for _, name := range names {
		values = append(values, types.StringValue(name))
	}
	return types.SetValueMust(types.StringType, values)
}
