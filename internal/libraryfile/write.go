package libraryfile

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/mde-as-code/terraform-provider-mde/internal/mde"
	"github.com/mde-as-code/terraform-provider-mde/internal/tfdiag"
)

// existsError refuses a name that somebody else's file has.
type existsError struct{ file mde.LibraryFile }

func (e *existsError) Error() string { return fmt.Sprintf("%q exists already", e.file.FileName) }

// corruptError is an upload after which the service names another hash.
type corruptError struct{ got, want string }

func (e *corruptError) Error() string {
	return fmt.Sprintf("the service gives it the SHA-256 %q although %s was uploaded; apply again to replace it", e.got, e.want)
}

// writeDiagnostic is the diagnostic of a file that could not be written.
func writeDiagnostic(verb, name string, err error) diag.Diagnostic {
	var mistake *problem
	if errors.As(err, &mistake) {
		return mistake.diagnostic()
	}
	var exists *existsError
	if errors.As(err, &exists) {
		return diag.NewAttributeErrorDiagnostic(path.Root("file_name"), "Library file exists already", refusal(exists.file))
	}
	return tfdiag.Error(operation(verb, name), err)
}

// mayHaveWritten tells whether a failed write may have left the file in the
// library.
func mayHaveWritten(err error) bool {
	var mistake *problem
	var exists *existsError
	if errors.As(err, &mistake) || errors.As(err, &exists) {
		return false
	}
	for _, refusal := range []error{mde.ErrInvalid, mde.ErrUnauthorized, mde.ErrForbidden, mde.ErrThrottled} {
		if errors.Is(err, refusal) {
			return false
		}
	}
	return true
}

// planned returns the content, if it is still what was planned.
func (m *model) planned() ([]byte, *problem) {
	content, p := m.load()
	if p != nil {
		return nil, p
	}
	if got, want := hash(content), m.SHA256.ValueString(); got != want {
		return nil, &problem{m.contentAttribute(), "Content changed since the plan", fmt.Sprintf("The SHA-256 of the content was %s when it was planned and is %s now. Nothing was uploaded; plan again to see what changed.", want, got)}
	}
	return content, nil
}

// put brings the planned file into the library, in place of the file that was
// there under the name was.
func (r *fileResource) put(ctx context.Context, plan *model, was string, own []string) (file mde.LibraryFile, adopted bool, err error) {
	content, mistake := plan.planned()
	if mistake != nil {
		return mde.LibraryFile{}, false, mistake
	}
	if plan.FileName.ValueString() != was {
		return r.occupy(ctx, plan, content, own)
	}
	upload := plan.toAPI(content)
	upload.Override = true
	file, err = r.upload(ctx, upload, plan)
	return file, false, err
}

// occupy puts the planned file under a name that is not the one in the state.
// Of what is there already it adopts what equals the plan, replaces what is its
// own and what the configuration says to replace, and refuses the rest.
func (r *fileResource) occupy(ctx context.Context, plan *model, content []byte, own []string) (file mde.LibraryFile, adopted bool, err error) {
	upload := plan.toAPI(content)
	existing, err := r.lookUp(ctx, upload.FileName)
	if err != nil {
		return mde.LibraryFile{}, false, err
	}
	mine := slices.Contains(own, existing.FileName)
	upload.Override = mine || plan.OverrideIfExists.ValueBool()
	foreign := func() bool {
		return existing.FileName == upload.FileName && !upload.Override && storedOf(existing) != plan.stored()
	}
	if foreign() {
		// Another resource may have given it up since it was read.
		r.Client.LibraryFiles.Fresh()
		if existing, err = r.lookUp(ctx, upload.FileName); err != nil {
			return mde.LibraryFile{}, false, err
		}
	}
	if foreign() {
		return mde.LibraryFile{}, false, &existsError{existing}
	}
	if storedOf(existing) == plan.stored() {
		return existing, !mine, nil
	}
	file, err = r.upload(ctx, upload, plan)
	return file, false, err
}

// adoption tells of a file that was taken into the state without a write.
func adoption(file mde.LibraryFile) diag.Diagnostic {
	return diag.NewAttributeWarningDiagnostic(path.Root("file_name"), "Library file taken over", fmt.Sprintf("The library already held %s. It equals the configuration in everything and was taken into the state as it is.", describe(file)))
}

// lookUp is Get without an error for a name that is free.
func (r *fileResource) lookUp(ctx context.Context, name string) (mde.LibraryFile, error) {
	file, err := r.Client.LibraryFiles.Get(ctx, name)
	if errors.Is(err, mde.ErrNotFound) {
		return mde.LibraryFile{}, nil
	}
	return file, err
}

// upload writes the file and holds the service to what was sent.
func (r *fileResource) upload(ctx context.Context, upload mde.LibraryUpload, plan *model) (mde.LibraryFile, error) {
	file, err := r.Client.LibraryFiles.Upload(ctx, upload)
	if err != nil {
		return mde.LibraryFile{}, err
	}
	if want := plan.SHA256.ValueString(); !strings.EqualFold(file.SHA256, want) {
		return file, &corruptError{got: file.SHA256, want: want}
	}
	return file, nil
}
