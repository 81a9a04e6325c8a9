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

// uncertainError is a failed upload that may have left the file in the library.
type uncertainError struct{ error }

func (e *uncertainError) Unwrap() error { return e.error }

// mayHaveWritten tells whether a failure may have left the file in the library.
func mayHaveWritten(err error) bool {
	var uncertain *uncertainError
	return errors.As(err, &uncertain)
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
// there under the name was. A failure leaves the name unclaimed.
func (r *fileResource) put(ctx context.Context, plan *model, was string, own []string) (file mde.LibraryFile, adopted bool, err error) {
	content, mistake := plan.planned()
	if mistake != nil {
		return mde.LibraryFile{}, false, mistake
	}
	upload := plan.toAPI(content)
	upload.Override = upload.FileName == was || plan.OverrideIfExists.ValueBool()
	if !upload.Override {
		// A claim keeps another resource from deleting the file. So none is made
		// for a file that this resource will not take.
		if err := r.refuse(ctx, plan, own); err != nil {
			return mde.LibraryFile{}, false, err
		}
	}
	release, err := r.Client.LibraryFiles.Claim(upload.FileName)
	if err != nil {
		return mde.LibraryFile{}, false, err
	}
	if upload.FileName == was {
		file, err = r.upload(ctx, upload, plan)
	} else {
		file, adopted, err = r.occupy(ctx, upload, plan, own)
	}
	if err != nil {
		release()
	}
	return file, adopted, err
}

// refuse is an error if somebody else's file has the planned name and differs
// from the plan.
func (r *fileResource) refuse(ctx context.Context, plan *model, own []string) error {
	name := plan.FileName.ValueString()
	foreign := func() (mde.LibraryFile, bool, error) {
		file, err := r.lookUp(ctx, name)
		return file, file.FileName == name && !slices.Contains(own, name) && storedOf(file) != plan.stored(), err
	}
	_, found, err := foreign()
	if !found || err != nil || r.Client.LibraryFiles.Claimed(name) {
		return err
	}
	// Another resource may have given it up since it was read.
	r.Client.LibraryFiles.Fresh()
	file, found, err := foreign()
	if !found || err != nil {
		return err
	}
	return &existsError{file}
}

// occupy puts the file under a name that is not the one in the state. What is
// there already and equals the plan is adopted as it is.
func (r *fileResource) occupy(ctx context.Context, upload mde.LibraryUpload, plan *model, own []string) (file mde.LibraryFile, adopted bool, err error) {
	existing, err := r.lookUp(ctx, upload.FileName)
	if err != nil {
		return mde.LibraryFile{}, false, err
	}
	mine := slices.Contains(own, existing.FileName)
	if storedOf(existing) == plan.stored() {
		return existing, !mine, nil
	}
	upload.Override = upload.Override || mine
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
	for _, refusal := range []error{mde.ErrInvalid, mde.ErrUnauthorized, mde.ErrForbidden, mde.ErrThrottled} {
		if errors.Is(err, refusal) {
			return mde.LibraryFile{}, err
		}
	}
	if err != nil {
		return mde.LibraryFile{}, &uncertainError{err}
	}
	if want := plan.SHA256.ValueString(); !strings.EqualFold(file.SHA256, want) {
		return file, &uncertainError{&corruptError{got: file.SHA256, want: want}}
	}
	return file, nil
}
