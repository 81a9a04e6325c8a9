package liveresponse

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"regexp"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/types"
)

// identity is all that makes a run a run. Its JSON feeds the marker, by which
// later versions of the provider find the runs of this one: a new field must
// be left out of the JSON while it is empty.
type identity struct {
	Machine  string            `json:"machine"`
	Commands []identityCommand `json:"commands"`
	Triggers map[string]string `json:"triggers,omitempty"`
}

type identityCommand struct {
	Type   string `json:"type"`
	File   string `json:"file,omitempty"`
	Script string `json:"script,omitempty"`
	Args   string `json:"args,omitempty"`
	Path   string `json:"path,omitempty"`
	SHA256 string `json:"sha256,omitempty"`
}

// marker ends the comment of every run that Terraform starts, so that a run
// whose id got lost is found again. It is derived from what makes the run, all
// of which must be known.
func (m *model) marker() (string, error) {
	run := identity{Machine: strings.ToLower(m.MachineID.ValueString()), Triggers: map[string]string{}}
	for _, command := range commandModels(m.Commands) {
		run.Commands = append(run.Commands, identityCommand{
			Type: command.Type.ValueString(), File: command.FileName.ValueString(), Script: command.ScriptName.ValueString(),
			Args: command.Args.ValueString(), Path: command.Path.ValueString(), SHA256: strings.ToLower(command.SHA256.ValueString()),
		})
	}
	for key, value := range m.Triggers.Elements() {
		text, _ := value.(types.String)
		run.Triggers[key] = text.ValueString()
	}
	data, err := json.Marshal(run)
	if err != nil {
		return "", fmt.Errorf("deriving the marker: %w", err)
	}
	sum := sha256.Sum256(data)
	return "[tf:" + hex.EncodeToString(sum[:8]) + "]", nil
}

// lastMarker is the marker that a comment ends in, empty for none.
func lastMarker(comment string) string {
	markers := regexp.MustCompile(`\[tf:[0-9a-f]+\]`).FindAllString(comment, -1)
	if len(markers) == 0 {
		return ""
	}
	return markers[len(markers)-1]
}

// withoutMarker is the comment as it was before the marker was appended.
func withoutMarker(comment string) string {
	return regexp.MustCompile(`\s*\[tf:[0-9a-f]+\]\s*$`).ReplaceAllString(comment, "")
}
