// judge.js -- the dialog that judges files again by another policy.
import { $, state, api, base, count, say, Refused } from './base.js';

const policyOf = async () => {
  if ($('policy').value !== 'file') return $('policy').value;
  const file = $('policy-file').files[0];
  if (!file) throw new Refused(422, 'Choose the policy file.');
  try { return JSON.parse(await file.text()); } catch (e) { throw new Refused(422, 'This file is no JSON document; see docs/policy.schema.json.'); }
};

$('policy').addEventListener('change', () => { $('policy-file').hidden = $('policy').value !== 'file'; });

// Answers when all of them are judged, true, or nobody wants it any more, false.
export function judgeFiles(ids) {
  const d = $('judge'), form = d.querySelector('form');
  $('judge-what').textContent = 'Judge ' + (ids.length === 1 ? base(state.files.get(ids[0]).name) : count(ids.length, 'file')) + ' again';
  $('judge-why').textContent = '';
  d.returnValue = 'no';
  d.showModal();
  return new Promise(done => {
    const submit = async e => {
      if (e.submitter && e.submitter.value === 'no') return;
      e.preventDefault();
      try {
        const asked = { policy: await policyOf(), flag_at: $('flag-at').value ? Number($('flag-at').value) : null };
        for (const id of ids) await api('files/' + id + '/judge', 'POST', asked);
        say((ids.length === 1 ? 'Judged' : count(ids.length, 'file') + ' judged') + ' again');
        d.close('yes');
      } catch (x) {
        if (!(x instanceof Refused)) throw x;
        $('judge-why').textContent = x.message;
      }
    };
    form.addEventListener('submit', submit);
    d.addEventListener('close', () => { form.removeEventListener('submit', submit); done(d.returnValue === 'yes'); }, { once: true });
  });
}
