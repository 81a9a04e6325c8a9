package liveresponse

import (
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
)

// guard holds a run that a plan starts against the guardrails. What is not
// known yet passes; the apply knows it.
func (r *runResource) guard(plan *model) diag.Diagnostics {
	var diags diag.Diagnostics
	commands := path.Root("commands")
	for i, command := range commandModels(plan.Commands) {
		if command.Type.IsUnknown() || command.SHA256.IsUnknown() {
			continue
		}
		if refusal := r.Guardrails.CheckPin(command.Type.ValueString(), command.libraryFile(), command.SHA256.ValueString()); refusal != nil {
			diags.AddAttributeError(commands.AtListIndex(i).AtName("sha256"), refusal.Summary(), refusal.Error())
		}
	}
	if refusal := r.Guardrails.PlanRun(plan.key(), plan.MachineID.ValueString()); refusal != nil {
		diags.AddAttributeError(path.Root("machine_id"), refusal.Summary(), refusal.Error())
	}
	return diags
}

// key tells a run from others in all passes of a plan, whether its values are
// known or not.
func (m *model) key() string {
	return fmt.Sprint(m.MachineID, m.Commands, m.Triggers)
}

// admit is asked once, just before a run is started.
func (r *runResource) admit(m *model) func() error {
	return func() error {
		for _, command := range commandModels(m.Commands) {
			if refusal := r.Guardrails.CheckPin(command.Type.ValueString(), command.libraryFile(), command.SHA256.ValueString()); refusal != nil {
				return refusal
			}
		}
		if refusal := r.Guardrails.StartRun(m.MachineID.ValueString()); refusal != nil {
			return refusal
		}
		return nil
	}
}
