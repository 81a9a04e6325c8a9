package liveresponse

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	tfpath "github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/mde-as-code/terraform-provider-mde/internal/mde"
)

// commandTypes are the types of commands, in the order in which the API takes
// them.
func commandTypes() []string {
	return []string{mde.CommandPutFile, mde.CommandRunScript, mde.CommandGetFile}
}

// commandModel is one element of commands. Any of its values may be unknown
// while planning.
type commandModel struct {
	Type, FileName, ScriptName, Args, Path, SHA256 types.String
}

func commandAttrTypes() map[string]attr.Type {
	return map[string]attr.Type{
		"type": types.StringType, "file_name": types.StringType, "script_name": types.StringType,
		"args": types.StringType, "path": types.StringType, "sha256": types.StringType,
	}
}

// commandModels are the elements of a list whose length is known.
func commandModels(list types.List) []commandModel {
	models := make([]commandModel, 0, len(list.Elements()))
	for _, element := range list.Elements() {
		object, _ := element.(types.Object)
		get := func(name string) types.String {
			if object.IsUnknown() {
				return types.StringUnknown()
			}
			value, _ := object.Attributes()[name].(types.String)
			return value
		}
		models = append(models, commandModel{
			Type: get("type"), FileName: get("file_name"), ScriptName: get("script_name"),
			Args: get("args"), Path: get("path"), SHA256: get("sha256"),
		})
	}
	return models
}

// toAPI returns the command of a model whose values are all known. Args are
// left out when they are empty.
func (m commandModel) toAPI() mde.Command {
	command := mde.Command{Type: m.Type.ValueString()}
	add := func(key string, value types.String) {
		if value.ValueString() != "" {
			command.Params = append(command.Params, mde.CommandParam{Key: key, Value: value.ValueString()})
		}
	}
	add(mde.ParamFileName, m.FileName)
	add(mde.ParamScriptName, m.ScriptName)
	add(mde.ParamArgs, m.Args)
	add(mde.ParamPath, m.Path)
	return command
}

// commandFromAPI is the model of a command that the service tells of: that of
// an imported run.
func commandFromAPI(command mde.Command) attr.Value {
	values := map[string]attr.Value{"type": types.StringValue(command.Type), "sha256": types.StringNull()}
	for name, key := range map[string]string{"file_name": mde.ParamFileName, "script_name": mde.ParamScriptName, "args": mde.ParamArgs, "path": mde.ParamPath} {
		values[name] = types.StringNull()
		if value := param(command, key); value != "" {
			values[name] = types.StringValue(value)
		}
	}
	return types.ObjectValueMust(commandAttrTypes(), values)
}

func param(command mde.Command, key string) string {
	for _, param := range command.Params {
		if strings.EqualFold(param.Key, key) {
			return param.Value
		}
	}
	return ""
}

// target is what a command works on: the file, the script or the path.
func target(command mde.Command) string {
	for _, key := range []string{mde.ParamFileName, mde.ParamScriptName, mde.ParamPath} {
		if value := param(command, key); value != "" {
			return value
		}
	}
	return ""
}

// libraryFile is the file of the library that the command uses, empty for
// none.
func (m commandModel) libraryFile() string {
	return m.FileName.ValueString() + m.ScriptName.ValueString()
}

// checkCommands says what is wrong with the commands as far as they are known.
func checkCommands(models []commandModel, at tfpath.Path) diag.Diagnostics {
	var diags diag.Diagnostics
	highest := -1
	for i, model := range models {
		here := at.AtListIndex(i)
		if model.Type.IsUnknown() {
			continue
		}
		rank := slices.Index(commandTypes(), model.Type.ValueString())
		if rank < 0 {
			continue // The schema's validator has said so.
		}
		if rank < highest {
			diags.AddAttributeError(here.AtName("type"), "Commands out of order", fmt.Sprintf("A %s cannot follow a %s: the API takes all PutFile commands first, then RunScript, then GetFile. "+
				"Move this command up, or use a second run that depends on this one.", commandTypes()[rank], commandTypes()[highest]))
		}
		highest = max(highest, rank)
		diags.Append(model.check(here)...)
	}
	return diags
}

// check says which attributes are missing or do not belong to the type.
func (m commandModel) check(at tfpath.Path) diag.Diagnostics {
	var diags diag.Diagnostics
	kind := m.Type.ValueString()
	required := map[string]string{mde.CommandPutFile: "file_name", mde.CommandRunScript: "script_name", mde.CommandGetFile: "path"}[kind]
	optional := map[string][]string{mde.CommandPutFile: {"sha256"}, mde.CommandRunScript: {"args", "sha256"}}[kind]
	for _, attribute := range []struct {
		name  string
		value types.String
	}{{"file_name", m.FileName}, {"script_name", m.ScriptName}, {"args", m.Args}, {"path", m.Path}, {"sha256", m.SHA256}} {
		empty := strings.TrimSpace(attribute.value.ValueString()) == ""
		switch {
		case attribute.value.IsUnknown():
		case attribute.name == required && empty:
			diags.AddAttributeError(at.AtName(required), "Incomplete command", fmt.Sprintf("A %s command needs %s.", kind, required))
		case attribute.name != required && !empty && !slices.Contains(optional, attribute.name):
			diags.AddAttributeError(at.AtName(attribute.name), "Attribute of another command", fmt.Sprintf("A %s command has no %s; it takes %s.", kind, attribute.name, strings.Join(append([]string{required}, optional...), ", ")))
		}
	}
	return diags
}

// baseName is the last element of a path of Windows or any other system.
func baseName(name string) string {
	return path.Base(strings.ReplaceAll(name, `\`, "/"))
}
