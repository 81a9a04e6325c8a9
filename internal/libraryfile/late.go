package libraryfile

import (
	"context"
	"encoding/json"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/mde-as-code/terraform-provider-mde/internal/mde"
)

const (
	// uploadKey is the private state's record of the last upload.
	uploadKey = "upload"
	// listLag is how long the library's list may lag behind an upload, longestLook
	// how long a refresh waits for it.
	listLag     = time.Minute
	longestLook = 4 * time.Second
)

// upload is what is known of the last upload of a file.
type upload struct {
	// At is when it was made.
	At time.Time `json:"at"`
	// Updated is when the service says that the file was last updated.
	Updated time.Time `json:"updated"`
}

func readUpload(ctx context.Context, private privateReader) (upload, diag.Diagnostics) {
	data, diags := private.GetKey(ctx, uploadKey)
	var last upload
	_ = json.Unmarshal(data, &last) // None, or one that cannot be read, is an old one.
	return last, diags
}

// rememberUpload records an upload. Without the record a refresh is only less
// patient, which is worth no error.
func rememberUpload(ctx context.Context, private privateWriter, file mde.LibraryFile) {
	if data, err := json.Marshal(upload{At: time.Now(), Updated: file.LastUpdatedTime}); err == nil {
		_ = private.SetKey(ctx, uploadKey, data)
	}
}

// hides tells whether what the list shows may be older than the upload. A file
// that somebody has changed since is newer.
func (u upload) hides(state *model, listed mde.LibraryFile) bool {
	if time.Since(u.At) > listLag {
		return false
	}
	return listed.FileName == "" || storedOf(listed) != state.stored() && !listed.LastUpdatedTime.After(u.Updated)
}

// findUploaded is find for a file that was uploaded a moment ago: it looks a few
// times before it believes a list that does not show the upload.
func (r *fileResource) findUploaded(ctx context.Context, state *model, surplus []string, last upload) (mde.LibraryFile, []string, error) {
	for pause := time.Second; ; pause *= 2 {
		file, left, err := r.find(ctx, state.FileName.ValueString(), surplus)
		if err != nil || pause > longestLook || !last.hides(state, file) {
			return file, left, err
		}
		timer := time.NewTimer(pause)
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return file, left, ctx.Err()
		}
		r.Client.LibraryFiles.Fresh()
	}
}
