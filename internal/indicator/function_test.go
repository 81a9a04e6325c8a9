package indicator

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// TestGroupTypes_holdEverySharedSetting compares what the functions give with
// what the set takes.
func TestGroupTypes_holdEverySharedSetting(t *testing.T) {
	t.Parallel()
	want, got := map[string]string{}, map[string]string{}
	for name, attribute := range setAttributes() {
		if !slices.Contains([]string{"id", "expired_count", "timeouts"}, name) {
			want[name] = attribute.GetType().TerraformType(t.Context()).String()
		}
	}
	for name, attribute := range groupTypes() {
		got[name] = attribute.TerraformType(t.Context()).String()
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// call runs a function as the framework does.
func call(t *testing.T, f function.Function, result attr.Value, arguments ...attr.Value) (attr.Value, string) {
	t.Helper()
	resp := function.RunResponse{Result: function.NewResultData(result)}
	f.Run(t.Context(), function.RunRequest{Arguments: function.NewArgumentsData(arguments)}, &resp)
	if resp.Error != nil {
		return nil, resp.Error.Text
	}
	return resp.Result.Value(), ""
}

func TestValueFunctions(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		f                function.Function
		text, want, fail string
	}{
		"type of an address":     {f: NewTypeFunction(), text: "203.0.113.7", want: "IpAddress"},
		"type of IPv6":           {f: NewTypeFunction(), text: "2001:db8::7", want: "IpAddress"},
		"type of a domain":       {f: NewTypeFunction(), text: " evil.example\n", want: "DomainName"},
		"type of a URL":          {f: NewTypeFunction(), text: "https://evil.example", want: "Url"},
		"type of a SHA-1":        {f: NewTypeFunction(), text: "2FD4E1C67A2D28FCED849EE1BB76E7391B93EB12", want: "FileSha1"},
		"type of a range":        {f: NewTypeFunction(), text: "10.0.0.0/8", fail: "\"10.0.0.0/8\" is a range in CIDR notation, and the service takes single addresses only: write one indicator for each address, such as \"10.0.0.0\" (cidrhost() lists them), or block the range on the firewall."},
		"type of nothing":        {f: NewTypeFunction(), text: " ", fail: "The value is empty."},
		"type of a word":         {f: NewTypeFunction(), text: "evil", fail: `"evil" has the form of no indicator: a hash has 32, 40 or 64 hexadecimal digits, a URL a scheme, a domain a dot, and an address stands alone.`},
		"normal hash":            {f: NewNormalizeFunction(), text: "2FD4E1C67A2D28FCED849EE1BB76E7391B93EB12 ", want: "2fd4e1c67a2d28fced849ee1bb76e7391b93eb12"},
		"normal IPv6":            {f: NewNormalizeFunction(), text: "2001:db8::7", want: "2001:0db8:0000:0000:0000:0000:0000:0007"},
		"normal URL":             {f: NewNormalizeFunction(), text: "HTTPS://Evil.example/", want: "https://evil.example"},
		"normal URL with a path": {f: NewNormalizeFunction(), text: "https://Evil.example/A?B", want: "https://evil.example/A?B"},
		"refanged":               {f: NewRefangFunction(), text: "hxxps://evil[.]example", want: "https://evil.example"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, fail := call(t, tc.f, types.StringUnknown(), types.StringValue(tc.text))
			if fail != tc.fail {
				t.Fatalf("error %q, want %q", fail, tc.fail)
			}
			if fail == "" && !got.Equal(types.StringValue(tc.want)) {
				t.Errorf("got %s, want %q", got, tc.want)
			}
		})
	}
}

func TestNormalizeIndicators(t *testing.T) {
	t.Parallel()
	list := func(values ...attr.Value) attr.Value { return types.ListValueMust(types.StringType, values) }
	unknown := types.MapUnknown(types.StringType)
	got, fail := call(t, NewNormalizeListFunction(), unknown, list(types.StringValue("EVIL.example"), types.StringValue("evil.example"), types.StringValue("203.0.113.7")))
	want := types.MapValueMust(types.StringType, map[string]attr.Value{"evil.example": types.StringValue(""), "203.0.113.7": types.StringValue("")})
	if fail != "" || !want.Equal(got) {
		t.Errorf("got %s, %q", got, fail)
	}
	for _, bad := range []attr.Value{types.StringNull(), types.StringValue("")} {
		if _, fail := call(t, NewNormalizeListFunction(), unknown, list(types.StringValue("evil.example"), bad)); fail != "Element 1: the value is empty." {
			t.Errorf("error %q for %s", fail, bad)
		}
	}
}

func TestReadOverrides(t *testing.T) {
	t.Parallel()
	object := func(name string, value attr.Value) types.Dynamic {
		return types.DynamicValue(types.ObjectValueMust(map[string]attr.Type{name: value.Type(t.Context())}, map[string]attr.Value{name: value}))
	}
	names := []attr.Value{types.StringValue("SOC")}
	for name, given := range map[string]types.Dynamic{
		"null":         types.DynamicNull(),
		"empty object": types.DynamicValue(types.ObjectValueMust(nil, nil)),
		"a map":        types.DynamicValue(types.MapValueMust(types.StringType, map[string]attr.Value{"action": types.StringValue("Block")})),
		"a null":       object("action", types.DynamicNull()),
		"a null text":  object("title", types.StringNull()),
		"a list":       object("rbac_group_names", types.ListValueMust(types.StringType, names)),
		"a set":        object("rbac_group_names", types.SetValueMust(types.StringType, names)),
		"a tuple":      object("rbac_group_names", types.TupleValueMust([]attr.Type{types.StringType}, names)),
		"a duration":   object("expires_in", types.StringValue("30d")),
	} {
		if _, err := readOverrides(given); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	for want, given := range map[string]types.Dynamic{
		`"acton" is not a shared setting of mde_indicator_set; those are action, adopt_existing, application, description, educate_url, expiration_time, expires_in, generate_alert, indicator_type, rbac_group_names, recommended_actions, renew_before, severity, title`: object("acton", types.StringValue("Block")),
		"title: it is a string":                  object("title", types.BoolValue(true)),
		"generate_alert: it is true or false":    object("generate_alert", types.StringValue("yes")),
		"rbac_group_names: it is a set of names": object("rbac_group_names", types.StringValue("SOC")),
		`expires_in: "soon" is not a duration: use a number and a unit, such as 30s, 10m, 2h or 7d`: object("expires_in", types.StringValue("soon")),
		`action: "Stop" is no action: write Allowed, Audit, Warn, Block or BlockAndRemediate`:       object("action", types.StringValue("Stop")),
		`they are an object of settings, such as { action = "Block" }; {} overrides nothing`:        types.DynamicValue(types.StringValue("Block")),
	} {
		if _, err := readOverrides(given); err == nil || err.Error() != want {
			t.Errorf("error %v, want %s", err, want)
		}
	}
}
