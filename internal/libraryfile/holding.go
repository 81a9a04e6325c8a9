package libraryfile

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/mde-as-code/terraform-provider-mde/internal/mde"
)

// holdingKey is the private plan's record of files that two resources hold since
// an apply that ended between the two halves of a move.
const holdingKey = "holding"

// holding is what a plan tells its apply.
type holding struct {
	// Spared are the files that another resource keeps.
	Spared []string `json:"spared,omitempty"`
	// Rewrite says that another resource is to delete the file that this one
	// keeps: a deletion leaves alone what the same apply has written.
	Rewrite bool `json:"rewrite,omitempty"`
}

func readHolding(ctx context.Context, private privateReader) (holding, diag.Diagnostics) {
	return readPrivate[holding](ctx, private, holdingKey, "files that two resources hold")
}

func (h holding) save(ctx context.Context, private privateWriter) diag.Diagnostics {
	data, err := json.Marshal(h)
	if err != nil {
		return diag.Diagnostics{diag.NewErrorDiagnostic("Could not record who holds the file", err.Error())}
	}
	return private.SetKey(ctx, holdingKey, data)
}

// giveUp plans to delete files, but for those that another resource keeps.
func (r *fileResource) giveUp(ctx context.Context, private privateWriter, names []string) diag.Diagnostics {
	if !r.Ready() {
		return nil
	}
	kept, _ := r.Client.LibraryFiles.Hold(ctx, "", mde.Holding{Gives: names})
	if len(kept) == 0 {
		return nil
	}
	h := holding{Spared: slices.DeleteFunc(slices.Clone(names), func(name string) bool { return !kept[name] })}
	return append(h.save(ctx, private), diag.NewWarningDiagnostic("Library file of another resource", fmt.Sprintf("Another resource of this configuration has taken %q over since, in an apply that ended early or was limited to a target. This resource leaves it alone.", h.Spared)))
}

// keep plans to upload the file of the state anew where another resource is to
// delete it.
func (r *fileResource) keep(ctx context.Context, private privateWriter, plan, prior *model) diag.Diagnostics {
	name := prior.FileName.ValueString()
	if !r.Ready() || plan.FileName.ValueString() != name {
		return nil
	}
	if _, given := r.Client.LibraryFiles.Hold(ctx, "", mde.Holding{Keeps: []string{name}}); !given[name] {
		return nil
	}
	plan.ID = types.StringUnknown() // Terraform calls Update only for a difference.
	return append(holding{Rewrite: true}.save(ctx, private), diag.NewWarningDiagnostic("Library file is written anew", fmt.Sprintf("Another resource is to delete %q, which it had before an apply that ended early or was limited to a target. This resource uploads it anew, so that it outlasts the other.", name)))
}
