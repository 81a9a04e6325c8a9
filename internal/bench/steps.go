package bench

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"

	"github.com/mde-as-code/terraform-provider-mde/internal/mdesim"
)

// step is one Terraform command, and what is done before it.
type step struct {
	name    string
	command []string
	prepare func(ctx context.Context, f *folder, in *inputs, tenant *mdesim.Server) error
}

// steps is the life of a scenario.
func steps(s Scenario) []step {
	plan, apply := []string{"plan", "-detailed-exitcode"}, []string{"apply", "-auto-approve"}
	if s.Shape == Count {
		return []step{{name: stepEmptyPlan, command: plan, prepare: multiply}}
	}
	edit := func(change func(*inputs)) func(context.Context, *folder, *inputs, *mdesim.Server) error {
		return func(_ context.Context, f *folder, in *inputs, _ *mdesim.Server) error {
			change(in)
			return f.write(*in)
		}
	}
	return []step{
		{name: stepPlan, command: plan[:1]},
		{name: stepCreate, command: apply},
		{name: stepEmptyPlan, command: plan},
		{name: stepChangeOne, command: apply, prepare: edit(func(in *inputs) { in.firstNote = "Changed" })},
		{name: stepChangeAction, command: apply, prepare: edit(func(in *inputs) { in.action = "Audit" })},
		{name: stepDestroy, command: []string{"destroy", "-auto-approve"}},
	}
}

// multiply brings thousands of single indicators into the state and the tenant
// without Terraform's cost of creating them: it creates one, and copies it.
func multiply(ctx context.Context, f *folder, in *inputs, tenant *mdesim.Server) error {
	all := *in
	one := all
	one.scenario.Size = 1
	if err := f.write(one); err != nil {
		return err
	}
	if _, err := f.run(ctx, "apply", "-auto-approve", "-no-color"); err != nil {
		return err
	}
	ids := make([]string, all.scenario.Size)
	for i := range ids {
		ids[i] = fmt.Sprint(1_000_000 + i)
	}
	if tenant != nil {
		model := tenant.Indicators()[0]
		ids[0] = model.ID
		records := make([]mdesim.Indicator, 0, len(ids))
		for i := 1; i < len(ids); i++ {
			record := model
			record.ID, record.IndicatorValue, record.Description = ids[i], value(i), note(i)
			records = append(records, record)
		}
		tenant.SeedIndicators(records...)
	}
	if err := f.write(all); err != nil {
		return err
	}
	path := f.path("terraform.tfstate")
	state, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	if state, err = copies(state, ids); err != nil {
		return err
	}
	return os.WriteFile(path, state, 0o600)
}

// state is Terraform's state file, as far as copies needs to know it.
type state struct {
	Version          int             `json:"version"`
	TerraformVersion string          `json:"terraform_version"`
	Serial           int             `json:"serial"`
	Lineage          string          `json:"lineage"`
	Outputs          json.RawMessage `json:"outputs"`
	Resources        []struct {
		Mode      string     `json:"mode"`
		Type      string     `json:"type"`
		Name      string     `json:"name"`
		Provider  string     `json:"provider"`
		Instances []instance `json:"instances"`
	} `json:"resources"`
}

type instance struct {
	IndexKey            int             `json:"index_key"`
	SchemaVersion       int             `json:"schema_version"`
	Attributes          map[string]any  `json:"attributes"`
	SensitiveAttributes json.RawMessage `json:"sensitive_attributes"`
	Private             string          `json:"private"`
}

// copies makes of a state with one indicator a state with one for each id.
func copies(text []byte, ids []string) ([]byte, error) {
	var all state
	if err := json.Unmarshal(text, &all); err != nil {
		return nil, err
	}
	if len(all.Resources) != 1 || len(all.Resources[0].Instances) != 1 {
		return nil, errors.New("the state holds more or less than one instance of one resource")
	}
	model := all.Resources[0].Instances[0]
	instances := make([]instance, len(ids))
	for i, id := range ids {
		instances[i] = model
		instances[i].IndexKey = i
		instances[i].Attributes = maps.Clone(model.Attributes)
		maps.Copy(instances[i].Attributes, map[string]any{"id": id, "indicator_value": value(i), "description": note(i)})
	}
	all.Resources[0].Instances = instances
	return json.Marshal(all)
}
