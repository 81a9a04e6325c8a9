package liveresponse

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	tfpath "github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/mde-as-code/terraform-provider-mde/internal/mde"
)

// command builds an element of commands from pairs of names and values.
func command(values map[string]attr.Value) attr.Value {
	all := map[string]attr.Value{}
	for name := range commandAttrTypes() {
		all[name] = types.StringNull()
	}
	for name, value := range values {
		all[name] = value
	}
	return types.ObjectValueMust(commandAttrTypes(), all)
}

func texts(pairs ...string) map[string]attr.Value {
	values := map[string]attr.Value{}
	for pair := range slices.Chunk(pairs, 2) {
		values[pair[0]] = types.StringValue(pair[1])
	}
	return values
}

func commands(elements ...attr.Value) types.List {
	return types.ListValueMust(types.ObjectType{AttrTypes: commandAttrTypes()}, elements)
}

func triggers(pairs ...string) types.Map {
	return types.MapValueMust(types.StringType, texts(pairs...))
}

// example is a run with every kind of command, all known.
func example() *model {
	return &model{
		MachineID: types.StringValue(machineID),
		Comment:   types.StringValue(" why "),
		Commands: commands(
			command(texts("type", "PutFile", "file_name", "tool.zip")),
			command(texts("type", "RunScript", "script_name", "a.ps1", "args", "-x", "sha256", strings.Repeat("AB", 32))),
			command(texts("type", "GetFile", "path", `C:\out`)),
		),
		Triggers:       triggers("version", "1"),
		MaxOutputBytes: types.Int64Value(defaultMaxOutputBytes),
	}
}

func TestMarker_staysTheSameAcrossVersions(t *testing.T) {
	t.Parallel()
	const want = "[tf:d0cc3f916e4dc5e4]"
	if got, err := example().marker(); err != nil || got != want {
		t.Errorf("got %s, %v; a changed marker runs every script of an interrupted apply again", got, err)
	}
}

func TestMarker_ofEqualRuns(t *testing.T) {
	t.Parallel()
	same := example()
	same.MachineID = types.StringValue(strings.ToUpper(machineID))
	same.Comment = types.StringValue("another")
	a, errA := example().marker()
	b, errB := same.marker()
	if errA != nil || errB != nil || a != b {
		t.Errorf("got %s and %s, %v, %v", a, b, errA, errB)
	}
	if got := withoutMarker("why " + a); got != "why" {
		t.Errorf("the comment without its marker is %q", got)
	}
}

func TestToAPI(t *testing.T) {
	t.Parallel()
	got, err := example().toAPI()
	if err != nil {
		t.Fatal(err)
	}
	want := mde.RunRequest{MachineID: machineID, Comment: "why " + got.marker, Commands: []mde.Command{
		{Type: "PutFile", Params: []mde.CommandParam{{Key: "FileName", Value: "tool.zip"}}},
		{Type: "RunScript", Params: []mde.CommandParam{{Key: "ScriptName", Value: "a.ps1"}, {Key: "Args", Value: "-x"}}},
		{Type: "GetFile", Params: []mde.CommandParam{{Key: "Path", Value: `C:\out`}}},
	}}
	if diff := cmp.Diff(want, got.request); diff != "" {
		t.Error(diff)
	}
	if len(got.pins) != 1 || got.pins[0] != (pin{"a.ps1", strings.Repeat("ab", 32)}) {
		t.Errorf("the pins are %v", got.pins)
	}
}

func TestFromAPI_recoversAnImportedRun(t *testing.T) {
	t.Parallel()
	sent, err := example().toAPI()
	if err != nil {
		t.Fatal(err)
	}
	action := mde.MachineAction{ID: "a", Status: "Succeeded", MachineID: sent.request.MachineID, RequestorComment: sent.request.Comment}
	for i, command := range sent.request.Commands {
		action.Commands = append(action.Commands, mde.ActionCommand{Index: i, CommandStatus: "Completed", Command: command})
	}
	slices.Reverse(action.Commands) // The index tells the order.
	var got model
	got.fromAPI(action, nil)
	if change := example().changeFrom(&got, memory{Imported: true}); change != unchanged {
		t.Errorf("the plan after an import runs again: %v", change)
	}
	if got.Comment.ValueString() != "why" {
		t.Errorf("the comment is %q", got.Comment.ValueString())
	}
}

func TestChangeFrom(t *testing.T) {
	t.Parallel()
	second := func(m *model, values map[string]attr.Value) {
		elements := m.Commands.Elements()
		object, ok := elements[1].(types.Object)
		if !ok {
			t.Fatal("no object")
		}
		all := object.Attributes()
		for name, value := range values {
			all[name] = value
		}
		elements[1] = types.ObjectValueMust(commandAttrTypes(), all)
		m.Commands = commands(elements...)
	}
	unpinned := func(m *model) { second(m, map[string]attr.Value{"sha256": types.StringNull()}) }
	none := func(*model) {}
	for name, test := range map[string]struct {
		prior, planned func(*model)
		want           change
	}{
		"nothing":                       {none, none, unchanged},
		"comment":                       {none, func(m *model) { m.Comment = types.StringValue("x") }, unchanged},
		"case of the machine":           {none, func(m *model) { m.MachineID = types.StringValue(strings.ToUpper(machineID)) }, unchanged},
		"machine":                       {none, func(m *model) { m.MachineID = types.StringValue(strings.Repeat("f", 40)) }, differing},
		"unknown machine":               {none, func(m *model) { m.MachineID = types.StringUnknown() }, undecided},
		"script":                        {none, func(m *model) { second(m, texts("script_name", "b.ps1")) }, differing},
		"arguments":                     {none, func(m *model) { second(m, texts("args", "-y")) }, differing},
		"unknown arguments":             {none, func(m *model) { second(m, map[string]attr.Value{"args": types.StringUnknown()}) }, undecided},
		"empty for null":                {none, func(m *model) { second(m, texts("path", "")) }, unchanged},
		"pin":                           {none, func(m *model) { second(m, texts("sha256", strings.Repeat("cd", 32))) }, differing},
		"case of a pin":                 {none, func(m *model) { second(m, texts("sha256", strings.Repeat("ab", 32))) }, unchanged},
		"unknown pin":                   {none, func(m *model) { second(m, map[string]attr.Value{"sha256": types.StringUnknown()}) }, undecided},
		"pin taken away":                {none, unpinned, differing},
		"pin added":                     {unpinned, none, unchanged},
		"unknown pin added":             {unpinned, func(m *model) { second(m, map[string]attr.Value{"sha256": types.StringUnknown()}) }, unchanged},
		"one command less":              {none, func(m *model) { m.Commands = commands(m.Commands.Elements()[:2]...) }, differing},
		"unknown commands":              {none, func(m *model) { m.Commands = types.ListUnknown(m.Commands.ElementType(t.Context())) }, undecided},
		"unknown beside a known change": {none, func(m *model) { m.Triggers = types.MapUnknown(types.StringType); m.MachineID = types.StringNull() }, differing},
		"trigger":                       {none, func(m *model) { m.Triggers = triggers("version", "2") }, differing},
		"trigger added":                 {none, func(m *model) { m.Triggers = triggers("version", "1", "more", "") }, differing},
		"triggers taken away":           {none, func(m *model) { m.Triggers = types.MapNull(types.StringType) }, differing},
		"no triggers, spelled {}":       {func(m *model) { m.Triggers = types.MapNull(types.StringType) }, func(m *model) { m.Triggers = triggers() }, unchanged},
		"unknown trigger": {none, func(m *model) {
			m.Triggers = types.MapValueMust(types.StringType, map[string]attr.Value{"version": types.StringUnknown()})
		}, undecided},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			prior, planned := example(), example()
			test.prior(prior)
			test.planned(planned)
			if got := planned.changeFrom(prior, memory{}); got != test.want {
				t.Errorf("got %v, want %v", got, test.want)
			}
		})
	}
}

func TestCheckCommands_unknownValuesPass(t *testing.T) {
	t.Parallel()
	list := commands(
		types.ObjectUnknown(commandAttrTypes()),
		command(map[string]attr.Value{"type": types.StringUnknown()}),
		command(map[string]attr.Value{"type": types.StringValue("RunScript"), "script_name": types.StringUnknown()}),
		command(map[string]attr.Value{"type": types.StringValue("GetFile"), "path": types.StringUnknown(), "args": types.StringUnknown()}),
	)
	if diags := checkCommands(commandModels(list), tfpath.Root("commands")); diags.HasError() {
		t.Errorf("got %v", diags)
	}
}

func TestCheckCommands_namesTheAttribute(t *testing.T) {
	t.Parallel()
	list := commands(
		command(texts("type", "GetFile", "path", "x")),
		command(texts("type", "RunScript", "file_name", "a.ps1")),
	)
	var got []string
	for _, diagnostic := range checkCommands(commandModels(list), tfpath.Root("commands")) {
		located, ok := diagnostic.(interface{ Path() tfpath.Path })
		if !ok {
			t.Fatalf("%v has no path", diagnostic)
		}
		got = append(got, located.Path().String())
	}
	want := []string{"commands[1].type", "commands[1].file_name", "commands[1].script_name"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestBounded(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		text  string
		limit int64
		want  types.String
		cut   bool
	}{
		{"", 0, types.StringNull(), false},
		{"abc", 0, types.StringNull(), true},
		{"", 3, types.StringValue(""), false},
		{"abc", 3, types.StringValue("abc"), false},
		{"abcd", 3, types.StringValue("abc"), true},
		{"aüb", 2, types.StringValue("a"), true},
		{"ü", 1, types.StringValue(""), true},
	} {
		if got, cut := bounded(test.text, test.limit); !got.Equal(test.want) || cut != test.cut {
			t.Errorf("%q within %d: got %s, %t", test.text, test.limit, got, cut)
		}
	}
}
